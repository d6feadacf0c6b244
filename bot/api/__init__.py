"""The API over HTTP: the newspaper for programs of one's own, and for those that know OpenAI's chat protocol."""
