"""Every table of the portal, imported so that the metadata knows them all."""

from portal.accounts import device_models
from portal.accounts import models as accounts
from portal.accounts import staff_models as staff_accounts
from portal.audit import models as audit
from portal.backoffice import moving_models
from portal.booking import desk_models
from portal.booking import models as booking
from portal.centres import models as centres
from portal.clients import closing_models, merge_models, note_models, reach_models
from portal.clients import models as clients
from portal.diversion import condition_models, disposal_models, report_models
from portal.diversion import models as diversion
from portal.feedback import models as feedback
from portal.groups import models as groups
from portal.help import models as help_
from portal.jobs import models as jobs
from portal.languages import models as languages
from portal.messaging import desk_models as messaging_desk
from portal.messaging import models as messaging
from portal.partners import models as partners
from portal.plan import answer_models, review_models, risk_models, safety_models
from portal.plan import models as plan
from portal.reports import models as reports
from portal.staff import models as staff
from portal.staff import rota_models
from portal.waiting import models as waiting
from portal.web import models as web
from portal.worklist import models as worklist

ALL = (
    web, audit, centres, staff, rota_models, clients, merge_models, reach_models, worklist, messaging,
    messaging_desk, accounts, staff_accounts, device_models, help_, plan, booking, desk_models, groups, diversion,
    waiting, moving_models, jobs, answer_models, review_models, safety_models, risk_models, note_models, partners,
    feedback, closing_models, condition_models, disposal_models, report_models,
    reports, languages,
)  # fmt: skip
"""The modules that hold tables, from the lowest room up."""
