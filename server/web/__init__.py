"""What every HTTP route shares: request sessions, problem documents, headers, logs, the built web app."""
