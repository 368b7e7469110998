"""HTTP: the admin API, the public lists, TRQP, the page, and the clock that renews lists."""
