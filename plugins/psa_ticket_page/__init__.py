"""What the ticket page is made of: who may look, what is sent, and the page's own files. Stores nothing."""
