"""Names of the Common Cartridge specification (IMS CC 1.3), used by writer and reader."""

from __future__ import annotations

CP = "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest"
WEBLINK = "http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3"
TOPIC = "http://www.imsglobal.org/xsd/imsccv1p3/imsdt_v1p3"
QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"

WEBCONTENT = "webcontent"
WEBLINK_TYPE = "imswl_xmlv1p3"
TOPIC_TYPE = "imsdt_xmlv1p3"
BANK_TYPE = "imsqti_xmlv1p2/imscc_xmlv1p3/question-bank"

MANIFEST = "imsmanifest.xml"
LICENCES = "LICENCES.html"

# What a page of ours says of itself, so that it comes back as what it was; other platforms pass over it.
KIND_MARK = "keku.kind"
LICENCE_MARK = "dcterms.license"
SOURCE_MARK = "dcterms.source"
