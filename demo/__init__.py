"""
Ten demo customers, who answer their bank as customers do.

They use what banks and customers use: the API, the links in their mail, the
accounting software's own page. Each looks where it stands and does what comes
next, so a demo that was interrupted goes on from there.
"""
