"""Frameworks as CASE 1.1 packages (1EdTech, final since 13 March 2025), out of the platform and into it.

Source: CASE Service 1.1 REST/JSON binding, https://www.imsglobal.org/spec/case/v1p1; a package is the payload
of getCFPackage, an object with CFDocument, CFItems, CFAssociations, CFDefinitions and CFRubrics.
"""
