"""The HTTP service: Flask lives here and nowhere else."""
