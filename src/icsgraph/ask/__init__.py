"""Questions and answers: one Python call, whoever asks."""
