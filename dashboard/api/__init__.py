"""The REST interface and the stream: every page has its JSON twin here, from the same views."""
