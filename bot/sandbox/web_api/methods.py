"""The one table of all methods."""

from bot.sandbox.web_api import apps, chat, conversations, files, functions, users, views
from bot.sandbox.web_api.call import Method

FAMILIES = (apps, chat, conversations, files, functions, users, views)
METHODS: dict[str, Method] = {method.name: method for family in FAMILIES for method in family.METHODS}
