"""What the tests stand on: the cast, a PostgreSQL, a browser, fakes written by hand."""
