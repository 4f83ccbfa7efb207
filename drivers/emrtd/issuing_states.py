"""Whether a signer's country is the state that a document says it is from (Doc 9303-12, 7.1.1; 9303-3, 5)."""

from collections.abc import Iterable

from drivers.emrtd.check import Check, Outcome

_ISO = """
ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT AZEAZ
BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO BRABR BRBBB
BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG COKCK COLCO COMKM
CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO DZADZ ECUEC EGYEG ERIER
ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB GEOGE GGYGG GHAGH GIBGI GINGN
GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU
IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG
KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO
MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR
MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR
NZLNZ OMNOM PAKPK PANPA PCNPN PERPE PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA
REURE ROURO RUSRU RWARW SAUSA SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM
SRBRS SSDSS STPST SURSR SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK
TKMTM TLSTL TMPTL TONTO TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA
VCTVC VENVE VGBVG VIRVI VNMVN VUTVU WLFWF WSMWS XCCXC XXXXX YEMYE ZAFZA ZARCD ZMBZM ZWEZW
"""
"""ISO 3166-1: alpha-3 as in the MRZ, alpha-2 as in certificates, without a space between."""
_CODES: dict[str, frozenset[str]] = {
    **{pair[:3]: frozenset({pair[3:]}) for pair in _ISO.split()},
    # Doc 9303-3, section 5, and what certificates of these issuers hold.
    "D": frozenset({"DE"}),
    **dict.fromkeys(("GBD", "GBN", "GBO", "GBP", "GBS"), frozenset({"GB"})),
    # The regions sign under China's name.
    "HKG": frozenset({"HK", "CN"}),
    "MAC": frozenset({"MO", "CN"}),
    "EUE": frozenset({"EU"}),
    **dict.fromkeys(("UNO", "UNA", "UNK"), frozenset({"UN"})),
    "RKS": frozenset({"KS", "XK"}),
    "UTO": frozenset({"UT"}),
}
_CHINA = frozenset({"CN", "HK", "MO"})


def countries_of(state: str) -> frozenset[str]:
    """Country codes that certificates of an MRZ's issuing state may have; empty for an unknown state."""
    return _CODES.get(state.replace("<", "").strip().upper(), frozenset())


def of_one_state(first: str | None, second: str | None) -> bool:
    """Whether two country codes of certificates, in capitals, are one state's."""
    return first == second or {first, second} <= _CHINA


def check(
    signer: str | None, anchor: str | None, state: str | None, codes: Iterable[str], code: str | None
) -> Check:
    """Check `issuer`: country of the signer = country of its root, and = issuing state of DG1.

    `signer` and `anchor` are country codes in capitals (None: the certificate has none, or there is no path);
    `state` is the MRZ's issuing state, None where DG1 was not read; `codes` are the document codes that the
    signer is for, `code` is DG1's: a code that is not among them is only reported, since states forget some.
    """
    details: dict[str, object] = {"signer_country": signer, "anchor_country": anchor}
    if state is not None:
        details["state"] = state
    listed = {each.replace("<", "").strip().upper() for each in codes}
    if code is not None and listed:
        details["document_code_listed"] = code.replace("<", "").strip().upper() in listed
    if signer is None:
        return Check("issuer", Outcome.INCONCLUSIVE, "signer_without_country", details)
    if anchor is not None and not of_one_state(signer, anchor):
        return Check("issuer", Outcome.FAILED, "country_differs", details)
    if state is None:
        return Check("issuer", Outcome.NOT_PERFORMED, "state_not_given", details)
    if not (permitted := countries_of(state)):
        return Check("issuer", Outcome.INCONCLUSIVE, "state_unknown", details)
    if signer not in permitted:
        return Check("issuer", Outcome.FAILED, "state_differs", details)
    return Check("issuer", Outcome.PASSED, "state_matches", details)
