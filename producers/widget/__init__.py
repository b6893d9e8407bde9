"""Where people write feedback: a widget inside of applications, and a form for those who answer the telephone."""
