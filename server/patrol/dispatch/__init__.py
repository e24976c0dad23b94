"""An alarm sends the nearest person."""
