from eggd import Service


class GreetingService(Service):
    def text(self, name: str) -> str:
        return f"{self.config.greeting}, {name}"
