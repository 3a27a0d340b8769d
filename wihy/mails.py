"""Every mail, in one table: the template in `templates/emails`, and what completes its details when it leaves."""

from collections.abc import Mapping

from wihy.accounts import resets
from wihy.notifications import mails as notification_mails
from wihy.outbox.mail import Complete
from wihy.partners import invitations

MAILS: Mapping[str, Complete] = {
    resets.TEMPLATE: resets.complete_mail,
    invitations.TEMPLATE: invitations.complete_mail,
    notification_mails.TEMPLATE: notification_mails.complete_mail,
}
