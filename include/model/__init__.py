"""The plain facts that every other package uses; nothing here opens a connection or imports another package of ours."""
