"""A Telegram Bot API emulator with a chat page in the browser, a mailbox with one, and the demo data.

Start at `server.Sandbox`, the whole of it as one object. A request of the bot runs through `wire` (reading),
`spec` (checking against the table `bot_api.json`), `api` (limits and faults) and `methods` into `sending`,
`editing`, `profile` or `receiving`. `users` is what people can do, `control` the same as JSON over HTTP, and
`page/` the browser's side of it. `mailbox` takes the mail of who has no app, apart from all that.

It stands in for the real server where that is worth testing: one bot, private chats only.
"""
