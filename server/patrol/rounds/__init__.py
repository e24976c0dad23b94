"""Routes, timetables and rounds: made, watched while they run, late, suspended, changed."""
