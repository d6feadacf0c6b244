"""A portal of somebody else's, small but whole: signs people in, makes tokens, has the bot in its pages."""
