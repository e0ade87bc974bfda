greeting = "good day"
