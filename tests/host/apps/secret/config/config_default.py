from eggd import credential

keys = "a key of the tests"
bank = {"url": f"x://shop:{credential('bank')}@bank/", "plain": credential("bank")}
