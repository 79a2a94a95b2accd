"""The portal: her plan, her appointments and safe texts, and the back office behind them."""
