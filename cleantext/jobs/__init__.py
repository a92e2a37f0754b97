"""Jobs: many records from files to files, unattended, resumable, with a summary at the end."""
