from eggd import Boot


class AgentBoot(Boot):
    async def did_load(self):
        self.app.messenger.on_request("book", self.book)

    def book(self, data):
        self.app.logger.warning("booked %s", data["order"], extra={"trace_id": data["trace_id"]})
        return "booked"
