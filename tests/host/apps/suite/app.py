from eggd import Boot
from writing import write_lines


class AppBoot(Boot):
    async def did_load(self):
        self.app.messenger.on("write", self.write)

    def write(self, data):
        self.app.run_in_background(lambda: write_lines(self.app, data["lines"]), "lines")
