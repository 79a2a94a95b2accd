"""The front page and her own pages that join several rooms. Changes nothing by itself."""
