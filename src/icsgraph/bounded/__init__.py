"""Work of strangers in processes of their own, which can be killed."""
