"""The sandbox as a page in a browser: what one person sees, live, and what they can do."""
