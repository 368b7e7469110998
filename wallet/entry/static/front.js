// On every page that shows nothing of anybody.
