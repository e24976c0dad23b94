"""Where readings are kept. ``contract`` says what any store must do; each adapter has a file."""
