"""Every table of the portal, imported so that the metadata knows them all."""

from portal.accounts import device_models
from portal.accounts import models as accounts
from portal.accounts import staff_models as staff_accounts
from portal.audit import models as audit
from portal.backoffice import moving_models
from portal.booking import desk_models
from portal.booking import models as booking
from portal.centres import models as centres
from portal.clients import merge_models, reach_models
from portal.clients import models as clients
from portal.diversion import disposal_models
from portal.diversion import models as diversion
from portal.groups import models as groups
from portal.help import models as help_
from portal.jobs import models as jobs
from portal.messaging import desk_models as messaging_desk
from portal.messaging import models as messaging
from portal.plan import models as plan
from portal.staff import models as staff
from portal.staff import rota_models
from portal.waiting import models as waiting
from portal.web import models as web
from portal.worklist import models as worklist

ALL = (
    web, audit, centres, staff, rota_models, clients, merge_models, reach_models, worklist, messaging, messaging_desk,
    accounts, staff_accounts, device_models, help_, plan, booking, desk_models, groups, diversion, disposal_models, waiting,
    moving_models, jobs,
)  # fmt: skip
"""The modules that hold tables, from the lowest room up."""
