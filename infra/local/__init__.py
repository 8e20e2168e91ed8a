"""The local account: an emulator, a recogniser that speaks Amazon Transcribe, the demo."""
