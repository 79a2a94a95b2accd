"""The Flask extensions, made here unbound and bound to the app in `create_app`."""

from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect

babel = Babel()
csrf = CSRFProtect()
login_manager = LoginManager()
# Nobody is signed in until `accounts.sessions` says who.
login_manager.request_loader(lambda _request: None)
