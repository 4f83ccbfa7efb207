"""The pages: server-rendered, working without scripts; scripts keep them live."""
