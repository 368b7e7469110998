"""What is wrong with how an organisation shows itself, its logo or its own words, in the reader's language.

The sentences are those of `issuer.domain.profile`, `issuer.domain.wording` and `issuer.adapters.pillow_logo`, and what Pydantic
says of a field; a test holds each against this list. Bidirectional isolates keep colours, placeholders and links whole.
"""

from typing import Final

from issuer.entry.sentences import Sentences

fault_said: Final = Sentences(
    {
        "Expected at most {} characters, found {}: shorten it.": (
            "Au plus {} caractères\N{NO-BREAK SPACE}; il y en a {}. Abrégez.",
            "الحد الأقصى {} حرفًا، والموجود {}: اختصروا.",
        ),
        "String should have at most {} characters": (
            "Au plus {} caractères. Abrégez.",
            "الحد الأقصى {} حرفًا: اختصروا.",
        ),
        "Expected one line of text, found characters that cannot be seen: type it anew.": (
            "Une seule ligne de texte\N{NO-BREAK SPACE}: il y a des caractères invisibles. Tapez le texte à nouveau.",
            "المطلوب سطر واحد، وفيه حروف غير مرئية: اكتبوه من جديد.",
        ),
        "Expected the https address of a web site, such as https://www.example.org: copy it from the browser.": (
            "Il faut l'adresse https d'un site, comme https://www.example.org\N{NO-BREAK SPACE}: copiez-la du navigateur.",
            "المطلوب عنوان موقع يبدأ بـ https، مثل \u2068https://www.example.org\u2069: انسخوه من المتصفح.",
        ),
        "Expected one e-mail address, such as office@example.org.": (
            "Il faut une seule adresse de courriel, comme office@example.org.",
            "المطلوب عنوان بريد إلكتروني واحد، مثل \u2068office@example.org\u2069.",
        ),
        "Expected a telephone number, such as +254 700 000 000.": (
            "Il faut un numéro de téléphone, comme +254 700 000 000.",
            "المطلوب رقم هاتف، مثل \u2066+254 700 000 000\u2069.",
        ),
        "Expected a colour as # and six digits from 0 to f, such as #0b5d3b.": (
            "Il faut une couleur\N{NO-BREAK SPACE}: # et six chiffres de 0 à f, comme #0b5d3b.",
            "المطلوب لون بعلامة # وستة أرقام من 0 إلى f، مثل \u2066#0b5d3b\u2069.",
        ),
        (
            "White text on {} is hard to read: expected a contrast of {}:1 (WCAG AA), found {}:1; black on it has {}:1. "
            "Take a darker colour: the nearest of this kind is {}."
        ): (
            (
                "Un texte blanc sur {} se lit mal\N{NO-BREAK SPACE}: il faut un contraste de {}:1 (WCAG AA), il est de {}:1\N{NO-BREAK SPACE}; "
                "le noir y a {}:1. Prenez une couleur plus foncée\N{NO-BREAK SPACE}: la plus proche est {}."
            ),
            (
                "تصعب قراءة نص أبيض على \u2066{}\u2069: المطلوب تباين \u2066{}:1\u2069 (WCAG AA) والموجود \u2066{}:1\u2069؛ وللأسود "
                "عليه \u2066{}:1\u2069. اختاروا لونًا أغمق: أقرب لون مناسب \u2066{}\u2069."
            ),
        ),
        "Expected a picture of at most {} KB, found {} KB: save it smaller.": (
            "L'image peut peser {} Ko au plus\N{NO-BREAK SPACE}; elle en pèse {}. Enregistrez-la plus petite.",
            "حجم الصورة {} كيلوبايت على الأكثر، والموجود {}: احفظوها أصغر.",
        ),
        "An SVG file may carry scripts and is not taken: save the logo as PNG.": (
            "Un fichier SVG peut contenir des programmes et n'est pas accepté\N{NO-BREAK SPACE}: enregistrez le logo en PNG.",
            "ملف SVG قد يحمل برامج فلا يُقبل: احفظوا الشعار بصيغة PNG.",
        ),
        "Expected a PNG, JPEG or WebP picture, found something else.": (
            "Il faut une image PNG, JPEG ou WebP\N{NO-BREAK SPACE}; ce fichier est autre chose.",
            "المطلوب صورة PNG أو JPEG أو WebP، وهذا الملف شيء آخر.",
        ),
        "The picture is damaged: save it anew as PNG.": (
            "L'image est abîmée\N{NO-BREAK SPACE}: enregistrez-la à nouveau en PNG.",
            "الصورة تالفة: احفظوها من جديد بصيغة PNG.",
        ),
        "Expected at least {} pixels a side, found {} x {}: take a larger picture.": (
            "Il faut au moins {} pixels de côté\N{NO-BREAK SPACE}; il y en a {} x {}. Prenez une image plus grande.",
            "المطلوب {} بكسل على الأقل لكل ضلع، والموجود {} \N{MULTIPLICATION SIGN} {}: اختاروا صورة أكبر.",
        ),
        (
            "Expected at most {} pixels a side and {} million in all, found more pixels than any logo has: save it smaller; {} x "
            "{} is enough."
        ): (
            (
                "Au plus {} pixels de côté et {} millions en tout\N{NO-BREAK SPACE}; il y en a bien plus. Enregistrez l'image plus "
                "petite\N{NO-BREAK SPACE}: {} x {} suffisent."
            ),
            "الحد الأقصى {} بكسل لكل ضلع و{} مليون في المجموع، والموجود أكثر بكثير: احفظوها أصغر؛ يكفي {} \N{MULTIPLICATION SIGN} {}.",
        ),
        (
            "Expected at most {} pixels a side and {} million in all, found {} x {}: save it smaller; {} x {} is enough."
        ): (
            (
                "Au plus {} pixels de côté et {} millions en tout\N{NO-BREAK SPACE}; il y en a {} x {}. Enregistrez l'image plus "
                "petite\N{NO-BREAK SPACE}: {} x {} suffisent."
            ),
            (
                "الحد الأقصى {} بكسل لكل ضلع و{} مليون في المجموع، والموجود {} \N{MULTIPLICATION SIGN} {}: احفظوها أصغر؛ "
                "يكفي {} \N{MULTIPLICATION SIGN} {}."
            ),
        ),
        "Found characters that cannot be seen, or a line break: type it anew.": (
            "Il y a des caractères invisibles ou un saut de ligne\N{NO-BREAK SPACE}: tapez le texte à nouveau.",
            "فيه حروف غير مرئية أو فاصل أسطر: اكتبوه من جديد.",
        ),
        "{} is not known here: use {}, or take it out.": (
            "{} n'est pas connu ici\N{NO-BREAK SPACE}: écrivez {}, ou retirez-le.",
            "\u2066{}\u2069 غير معروف هنا: اكتبوا \u2066{}\u2069 أو احذفوه.",
        ),
        "A brace belongs to no placeholder: write {name} and the like, without spaces.": (
            "Une accolade est de trop\N{NO-BREAK SPACE}: écrivez {name} et les autres ainsi, sans espaces.",
            "قوس زائد لا يخص شيئًا نملؤه: اكتبوا \u2066{name}\u2069 ونحوه بلا مسافات.",
        ),
        "Expected {} once, found it {} times: without it she has nothing to open, and twice would confuse.": (
            "Il faut {} une fois\N{NO-BREAK SPACE}; trouvé {} fois. Sans lui, il n'y a rien à ouvrir\N{NO-BREAK SPACE}; deux fois, il prêterait à confusion.",
            "يجب أن يرد \u2066{}\u2069 مرة واحدة، وعدد مرات وروده {}: من دونه لا شيء يُفتح، وتكراره يُربك.",
        ),
        "Expected {} once, found it {} times: without it the code is what the message is for, and twice would confuse.": (
            "Il faut {} une fois\N{NO-BREAK SPACE}; trouvé {} fois. Le message n'existe que pour ce code\N{NO-BREAK SPACE}; deux fois, il prêterait à confusion.",
            "يجب أن يرد \u2066{}\u2069 مرة واحدة، وعدد مرات وروده {}: الرسالة كلها من أجل هذا الرمز، وتكراره يُربك.",
        ),
        (
            "“{}” reads as a link: no other link may stand in a message, so that learners can trust the one there is. Take it "
            "out; where a sentence ends, put a space after the full stop."
        ): (
            (
                "«\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}» se lit comme un lien\N{NO-BREAK SPACE}: aucun autre lien n'a place dans un message, pour que l'on puisse "
                "se fier à celui qui y est. Retirez-le\N{NO-BREAK SPACE}; à la fin d'une phrase, mettez une espace après le point."
            ),
            (
                "«\u2068{}\u2069» يُقرأ كرابط: لا مكان لرابط آخر في الرسالة كي يثق المتعلمون بالرابط الوحيد فيها. احذفوه؛ وضعوا مسافة "
                "بعد النقطة في آخر الجملة."
            ),
        ),
        "{} has no place in a subject, which everybody sees: put it into the text.": (
            "{} n'a pas sa place dans un objet, que tout le monde voit\N{NO-BREAK SPACE}: mettez-le dans le texte.",
            "لا مكان لـ \u2066{}\u2069 في الموضوع الذي يراه الجميع: ضعوه في النص.",
        ),
        (
            "{} has no place in a message of kind {}: link and one-time code never go together, since whoever reads both could "
            "take the award. Take it out."
        ): (
            (
                "{} n'a pas sa place dans ce message\N{NO-BREAK SPACE}: le lien et le code à usage unique ne vont jamais ensemble, car qui lit les "
                "deux pourrait prendre l'attestation. Retirez-le."
            ),
            "لا مكان لـ \u2066{}\u2069 في هذه الرسالة: لا يجتمع الرابط والرمز لمرة واحدة أبدًا، فمن قرأ الاثنين أمكنه أخذ الشهادة. احذفوه.",
        ),
    }
)
