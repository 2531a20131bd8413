"""The local stack: broker, store, mail sink, SMS simulator, gateway and the demo district."""
