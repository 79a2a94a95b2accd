FLASK_APP=portal.app:app_for_commands
