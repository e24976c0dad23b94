"""Forms as data: what is asked, what may be answered, what is wrong with an answer."""
