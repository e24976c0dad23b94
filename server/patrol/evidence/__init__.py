"""What is recorded: the log with its chain of hashes, phones, scans, and what supervisors should see."""
