"""What all pages share: home, navigation, formats, documentation page."""
