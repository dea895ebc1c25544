"""publish: what each region receives of a month, and the page of the province."""
