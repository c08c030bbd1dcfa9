"""French. A no-break space before the colon, a thin one before `;`, `?` and `!` (Lexique de l’Imprimerie nationale)."""
# ruff: noqa: RUF001, RUF002 - typographic apostrophes and dashes, for people to read

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.picture import Reason
from crewcheck_agent.core.problem import Code
from crewcheck_agent.core.token import TokenFault
from crewcheck_agent.core.words.wording import (
    FactLabels,
    FactValues,
    Headlines,
    NoticeWords,
    ProblemWords,
    StaffWords,
    Wording,
)

_NEW_CODE = "Demandez un nouveau code de connexion à l’exploitant et scannez-le."
_OTHER_LOGO = "L’exploitant doit fournir une autre image. La dernière bonne reste affichée."

_PROBLEMS = {
    (Code.BAD_TOKEN, "stored"): ProblemWords("Le code de connexion conservé par cet appareil est abîmé.", _NEW_CODE),
    (Code.BAD_TOKEN, ""): ProblemWords("Le code scanné est inutilisable.", _NEW_CODE),
    (Code.BAD_TOKEN, TokenFault.NOT_A_CODE): ProblemWords(
        "Le code scanné n’est pas un code de connexion.",
        "Scannez le QR code que la console de l’exploitant affiche après une réinitialisation.",
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_MISSING): ProblemWords(
        "Le code de connexion est incomplet[\u00a0: {detail} manque].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_EMPTY): ProblemWords(
        "Le code de connexion est incomplet[\u00a0: {detail} est vide].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_WRONG_TYPE): ProblemWords(
        "Le code de connexion est mal formé[\u00a0: {detail} n’est pas un texte].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_UNUSABLE): ProblemWords(
        "Le code de connexion est abîmé[\u00a0: {detail} est inutilisable].",
        "Scannez-le à nouveau. Si rien ne change, vérifiez la disposition de clavier du lecteur.",
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_URL): ProblemWords(
        "Le code de connexion ne contient pas d’adresse valable d’un service en ligne.", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_HTTPS): ProblemWords(
        "Le code de connexion désigne un service sans chiffrement (https).", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_ALLOWED): ProblemWords(
        "Le code de connexion désigne un autre service[\u00a0: {detail}].",
        "Demandez le bon code à l’exploitant, ou autorisez cette adresse dans allowed_environments.",
    ),
    (Code.NETWORK, ""): ProblemWords(
        "Le service en ligne[ ({host})] est injoignable.",
        "Vérifiez le câble et le routeur. Service réseau\u00a0: autorisez les sorties HTTPS[ vers {host}].",
    ),
    (Code.DNS, ""): ProblemWords(
        "L’adresse du service en ligne[ ({host})] est introuvable.",
        "Vérifiez le câble et le routeur. Service réseau\u00a0: le serveur DNS doit connaître ce nom.",
    ),
    (Code.TIMEOUT, ""): ProblemWords(
        "Le service en ligne[ ({host})] ne répond pas à temps.",
        "Patientez quelques minutes. Service réseau\u00a0: vérifiez la ligne et le pare-feu[ vers {host}].",
    ),
    (Code.PROXY, ""): ProblemWords(
        "Le proxy du réseau ne laisse pas sortir l’appareil[\u00a0: {detail}].",
        "Service réseau\u00a0: vérifiez l’adresse et les identifiants du proxy ici.",
    ),
    (Code.CAPTIVE_PORTAL, ""): ProblemWords(
        "Le réseau affiche une page d’accueil à la place du service.",
        "Service réseau\u00a0: dispensez cet appareil de s’identifier.",
    ),
    (Code.TLS, ""): ProblemWords(
        "La connexion[ à {host}] n’est pas fiable[\u00a0: {detail}].",
        "Service réseau\u00a0: n’inspectez pas HTTPS, ou installez ici le certificat de l’entreprise.",
    ),
    (Code.CLOCK, ""): ProblemWords(
        "L’horloge est fausse[ ({detail})]\u00a0: aucune connexion sécurisée.",
        "Réglez l’heure. Service réseau\u00a0: autorisez la synchronisation (NTP, UDP\u00a0123).",
    ),
    (Code.DISABLED, ""): ProblemWords(
        "L’exploitant a désactivé cet appareil.",
        "Demandez à l’exploitant de l’activer\u202f; il revient alors de lui-même.",
    ),
    (Code.UNAUTHORIZED, ""): ProblemWords("Le service en ligne n’accepte plus la clé de cet appareil.", _NEW_CODE),
    (Code.UNAUTHORIZED, "doubt"): ProblemWords(
        "Le service en ligne a refusé une fois la clé de cet appareil.",
        "Rien à faire pour l’instant\u00a0: l’appareil redemande avant de le croire.",
    ),
    (Code.UNAUTHORIZED, "offered"): ProblemWords(
        "Le code scanné a été refusé\u00a0: il n’est plus valable.", _NEW_CODE
    ),
    (Code.NOT_FOUND, ""): ProblemWords(
        "Le service en ligne ne connaît plus cet appareil.",
        "Demandez à l’exploitant de recréer l’appareil, puis scannez son code de connexion.",
    ),
    (Code.NOT_FOUND, "doubt"): ProblemWords(
        "Le service en ligne a dit une fois qu’il ne connaît pas cet appareil.",
        "Rien à faire pour l’instant\u00a0: l’appareil redemande avant de le croire.",
    ),
    (Code.NOT_FOUND, "offered"): ProblemWords(
        "Le code scanné a été refusé\u00a0: son appareil n’existe pas.",
        "Demandez à l’exploitant le code de connexion d’un appareil existant et scannez-le.",
    ),
    (Code.SERVER, ""): ProblemWords(
        "Le service en ligne[ ({host})] est en panne[\u00a0: {detail}].",
        "L’appareil réessaie de lui-même. Si cela dure, prévenez l’exploitant.",
    ),
    (Code.BAD_ANSWER, ""): ProblemWords(
        "La réponse du service en ligne est incompréhensible[\u00a0: {detail}].",
        "L’appareil réessaie de lui-même. Si cela dure, prévenez l’exploitant.",
    ),
    (Code.BAD_ANSWER, "noSettings"): ProblemWords(
        "La réponse du service en ligne ne contient pas de réglages.",
        "L’exploitant doit compléter les réglages de cet appareil. Le dernier bon logo reste affiché.",
    ),
    (Code.BAD_ANSWER, "tooLong"): ProblemWords(
        "La réponse du service en ligne est beaucoup trop longue[\u00a0: {detail}].",
        "L’appareil réessaie de lui-même. Si cela dure, prévenez l’exploitant.",
    ),
    (Code.LOGO, "noUrl"): ProblemWords(
        "Les réglages de cet appareil ne donnent pas d’adresse utilisable pour le logo.",
        "L’exploitant doit fixer l’adresse du logo (https). Le dernier bon reste affiché.",
    ),
    (Code.LOGO, "unreachable"): ProblemWords(
        "Le logo ne peut pas être téléchargé[ depuis {host}][\u00a0: {detail}].",
        "L’exploitant doit vérifier l’adresse du logo. Le dernier bon reste affiché.",
    ),
    (Code.LOGO, "insecure"): ProblemWords(
        "L’adresse du logo[ chez {host}] mène à une autre sans chiffrement.",
        "L’exploitant doit fixer une adresse en https. Le dernier bon reste affiché.",
    ),
    (Code.LOGO, "redirects"): ProblemWords(
        "L’adresse du logo[ chez {host}] renvoie sans fin à d’autres.",
        "L’exploitant doit fixer l’adresse finale du logo. Le dernier bon reste affiché.",
    ),
    (Code.LOGO, ""): ProblemWords(
        "Le logo ne peut pas être téléchargé[\u00a0: {detail}].",
        "L’exploitant doit vérifier l’adresse du logo. Le dernier bon reste affiché.",
    ),
    (Code.LOGO, Reason.TOO_LARGE): ProblemWords("Le fichier du logo dépasse 10\u00a0Mio.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOO_MANY_PIXELS): ProblemWords("Le logo a plus de 40\u00a0millions de pixels.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOO_MUCH_MEMORY): ProblemWords("Le logo demande trop de mémoire au décodage.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOOK_TOO_LONG): ProblemWords("Le logo est trop long à décoder.", _OTHER_LOGO),
    (Code.LOGO, Reason.NOT_A_PICTURE): ProblemWords("L’adresse du logo ne donne pas une image.", _OTHER_LOGO),
    (Code.LOGO, Reason.DAMAGED): ProblemWords("Le fichier du logo est abîmé.", _OTHER_LOGO),
    (Code.LOGO, Reason.EMPTY): ProblemWords(
        "Le logo est entièrement transparent\u00a0: il n’y a rien à voir.", _OTHER_LOGO
    ),
    (Code.LOGO, Reason.NO_SVG_RENDERER): ProblemWords(
        "Le logo est une image vectorielle, et cet appareil ne sait pas les dessiner.",
        "Technicien\u00a0: installez le paquet librsvg2-bin, ou faites fournir un PNG par l’exploitant.",
    ),
    (Code.LOGO, Reason.DECODER_FAILED): ProblemWords(
        "Le décodeur du logo a échoué.",
        "L’appareil réessaie de lui-même. Si cela dure, l’exploitant doit fournir une autre image.",
    ),
    (Code.STORAGE, ""): ProblemWords(
        "Cet appareil ne peut pas enregistrer ses données[\u00a0: {detail}].",
        "Technicien\u00a0: vérifiez si le disque est plein, protégé en écriture ou usé.",
    ),
    (Code.STORAGE, "reading"): ProblemWords(
        "Cet appareil ne peut pas lire les données qu’il a conservées[\u00a0: {detail}].",
        "Technicien\u00a0: vérifiez le disque et les droits de lecture des fichiers.",
    ),
    (Code.DISPLAY, ""): ProblemWords(
        "L’écran est inutilisable[\u00a0: {detail}].",
        "Technicien\u00a0: vérifiez le câble et l’alimentation de l’écran, ainsi que le pilote d’affichage.",
    ),
}

FRENCH = Wording(
    headlines=Headlines(
        setup="Cette borne est en cours d’installation",
        connecting="Un instant, s’il vous plaît",
        offline="Un instant\u00a0– pas de connexion",
        out_of_service="Hors service",
    ),
    staff=StaffWords(
        scan="Présentez le code de connexion au lecteur.",
        plug_scanner="Branchez le lecteur, puis présentez-lui le code de connexion.",
        hand_over="Un technicien transmet le code de connexion sur cet appareil.",
        check_cable="Vérifiez le câble réseau et le routeur.",
        call_network_support="Appelez votre service réseau et dictez-lui le code d’aide.",
        wait_for_service="Rien à faire ici\u00a0: la borne réessaie d’elle-même.",
        disabled="Désactivée par l’exploitant. Pour toute aide, appelez-le et dictez-lui ce nom.",
        unauthorized="Il faut un nouveau code de connexion\u00a0: appelez l’exploitant et dictez-lui ce nom.",
        not_found="Plus enregistrée\u00a0: demandez un nouveau code de connexion à l’exploitant.",
    ),
    notices=NoticeWords(
        checking="Code lu. Vérification…",
        retrying="Code lu. Pas de connexion\u00a0: prochain essai à {time}.",
        saving="Code accepté. Enregistrement…",
    ),
    labels=FactLabels(
        code="Code d’aide",
        name="Nom de cet appareil",
        device="Appareil",
        scanner="Lecteur",
        addresses="Adresse",
        version="Version",
        service="Service",
        tenant="Client",
        next_try="Prochain essai",
        since="Depuis",
        server="Serveur",
        cause="Cause",
        advice="À faire",
        besides="Aussi",
        once_enabled="Une fois activée",
    ),
    values=FactValues(
        scanner_present="branché",
        scanner_missing="introuvable",
        scanner_off="désactivé dans les réglages",
        no_address="aucune\u00a0: pas de réseau",
        next_try="{time} (essai\u00a0{number})",
        comes_back="revient d’elle-même",
    ),
    states={
        Name.UNPROVISIONED: "pas encore installée",
        Name.CONNECTING: "connexion en cours",
        Name.CONNECTED: "connectée",
        Name.OFFLINE: "hors ligne",
        Name.DISABLED: "désactivée par l’exploitant",
        Name.UNAUTHORIZED: "clé refusée",
        Name.NOT_FOUND: "inconnue du service en ligne",
    },
    problems=_PROBLEMS,
)
