"""Where else a course is told: groups of WeCom, Feishu, Lark and DingTalk, e-mail, and any address that takes JSON."""
