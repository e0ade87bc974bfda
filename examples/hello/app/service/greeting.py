from eggd import Service


class GreetingService(Service):
    def text(self, name):
        return f"{self.config.greeting}, {name}"
