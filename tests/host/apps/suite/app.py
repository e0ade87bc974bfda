from writing import write_lines

from eggd import Boot


class AppBoot(Boot):
    async def did_load(self):
        self.app.messenger.on("write", self.write)

    def write(self, data):
        self.app.run_in_background(lambda: write_lines(self.app, data["lines"]), "lines")
