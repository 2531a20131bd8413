"""Outside systems: the mail relay and the SMS provider; and the libraries that write what they carry."""
