"""What is wrong with a cell, in the reader's language: the sentences of `issuer.domain`, which the API says in English.

Each English sentence stands here once, with `{}` for what differs; a test holds every sentence of the domain against it.
"""

from typing import Final

from issuer.entry.sentences import Sentences
from issuer.errors import Complaint

said: Final = Sentences(
    {
        "The given name is missing.": ("Le prénom manque.", "الاسم الأول مفقود."),
        "Fill in the person's given name.": (
            "Indiquez le prénom de la personne.",
            "اكتب الاسم الأول للشخص.",
        ),
        "The family name is missing.": ("Le nom de famille manque.", "اسم العائلة مفقود."),
        'Fill it in; for a person who has one name only, write "{}" (a single hyphen).': (
            "Indiquez-le ; pour une personne qui n'a qu'un nom, écrivez « {} » (un seul trait d'union).",
            "اكتبه؛ ولمن له اسم واحد فقط اكتب «{}» (شرطة واحدة).",
        ),
        "The grade is longer than {} characters.": (
            "La mention dépasse {} caractères.",
            "التقدير أطول من {} حرفًا.",
        ),
        "Write the grade alone, such as Merit.": (
            "Écrivez la mention seule, par exemple Bien.",
            "اكتب التقدير وحده، مثل جيد.",
        ),
        "The name is longer than {} characters.": ("Le nom dépasse {} caractères.", "الاسم أطول من {} حرفًا."),
        "Check that the cell holds one name; shorten it to how the person writes it on a form.": (
            "Vérifiez que la cellule contient un seul nom ; abrégez-le comme la personne l'écrit sur un formulaire.",
            "تأكد أن في الخلية اسمًا واحدًا؛ اختصره كما يكتبه الشخص في استمارة.",
        ),
        'The cell begins with "{}", which a spreadsheet would run as a formula.': (
            "La cellule commence par « {} », qu'un tableur exécuterait comme une formule.",
            "تبدأ الخلية بـ «{}»، وسينفذها برنامج الجداول كمعادلة.",
        ),
        "Write plain text.": ("Écrivez du texte simple.", "اكتب نصًا عاديًا."),
        'The cell holds "<" or ">", which is no text but markup.': (
            "La cellule contient « < » ou « > » : ce n'est pas du texte, mais du balisage.",
            "في الخلية «<» أو «>»، وهذا ترميز وليس نصًا.",
        ),
        "Write plain text, without either sign.": (
            "Écrivez du texte simple, sans ces signes.",
            "اكتب نصًا عاديًا بلا هاتين العلامتين.",
        ),
        "The cell holds invisible or unassigned characters.": (
            "La cellule contient des caractères invisibles ou inconnus.",
            "في الخلية حروف غير مرئية أو غير معروفة.",
        ),
        "Type the text anew instead of pasting it.": (
            "Tapez le texte à nouveau au lieu de le coller.",
            "اكتب النص من جديد بدل لصقه.",
        ),
        "This is not an e-mail address.": (
            "Ce n'est pas une adresse e-mail.",
            "هذا ليس عنوان بريد إلكتروني.",
        ),
        "Write one address such as amina@example.org, without spaces, or leave the cell empty.": (
            "Écrivez une seule adresse comme amina@example.org, sans espaces, ou laissez la cellule vide.",
            "اكتب عنوانًا واحدًا مثل amina@example.org بلا مسافات، أو اترك الخلية فارغة.",
        ),
        "This is not a telephone number.": (
            "Ce n'est pas un numéro de téléphone.",
            "هذا ليس رقم هاتف.",
        ),
        "Write it with its country code, such as +254700000000, or leave the cell empty.": (
            "Écrivez-le avec l'indicatif du pays, par exemple +254700000000, ou laissez la cellule vide.",
            "اكتبه مع رمز البلد، مثل +254700000000، أو اترك الخلية فارغة.",
        ),
        "This is not a language code.": ("Ce n'est pas un code de langue.", "هذا ليس رمز لغة."),
        "Write a code such as en, fr, sw or ar, or leave the cell empty.": (
            "Écrivez un code comme en, fr, sw ou ar, ou laissez la cellule vide.",
            "اكتب رمزًا مثل en أو fr أو sw أو ar، أو اترك الخلية فارغة.",
        ),
        "Write a day that exists as YYYY-MM-DD, such as {}.": (
            "Écrivez un jour qui existe sous la forme AAAA-MM-JJ, par exemple {}.",
            "اكتب يومًا موجودًا بالشكل YYYY-MM-DD، مثل {}.",
        ),
        "The date of award is missing.": ("La date d'attribution manque.", "تاريخ المنح مفقود."),
        "This is not a date we can read.": ("Cette date n'est pas lisible.", "لا يمكن قراءة هذا التاريخ."),
        "The date lies in the future (today is {}).": (
            "La date est dans l'avenir (aujourd'hui : {}).",
            "التاريخ في المستقبل (اليوم {}).",
        ),
        "Write the day of the award; import the row when that day has come.": (
            "Écrivez le jour de l'attribution ; déposez la ligne quand ce jour sera venu.",
            "اكتب يوم المنح؛ ارفع الصف عندما يحين ذلك اليوم.",
        ),
        "The date lies before {}.": ("La date est antérieure à {}.", "التاريخ قبل {}."),
        "Check the year.": ("Vérifiez l'année.", "تحقق من السنة."),
        "Write a whole number from 0 to 100, without a per cent sign.": (
            "Écrivez un nombre entier de 0 à 100, sans signe pour cent.",
            "اكتب عددًا صحيحًا من 0 إلى 100 بلا علامة النسبة المئوية.",
        ),
        "The programme grades in per cent; the grade is missing.": (
            "Le programme note en pour cent ; la note manque.",
            "يمنح البرنامج الدرجة بالنسبة المئوية؛ الدرجة مفقودة.",
        ),
        "This is not a percentage.": ("Ce n'est pas un pourcentage.", "هذه ليست نسبة مئوية."),
        "The grade is below the programme's pass mark of {}.": (
            "La note est inférieure à la note de passage du programme, {}.",
            "الدرجة أدنى من درجة النجاح في البرنامج، {}.",
        ),
        "Remove the row, or correct the grade: only those who passed are given an award.": (
            "Retirez la ligne ou corrigez la note : seul qui a réussi reçoit une attestation.",
            "احذف الصف أو صحح الدرجة: لا تُمنح الشهادة إلا لمن نجح.",
        ),
        "The row has {} cells, the header has {}.": (
            "La ligne a {} cellules, l'en-tête en a {}.",
            "في الصف {} خلية وفي صف العناوين {}.",
        ),
        "Put a cell that contains the separator into quotation marks; fill in what is missing.": (
            "Mettez entre guillemets une cellule qui contient le séparateur ; complétez ce qui manque.",
            "ضع الخلية التي فيها الفاصل بين علامتي اقتباس؛ وأكمل الناقص.",
        ),
        "The same person as in row {}.": ("La même personne qu'à la ligne {}.", "الشخص نفسه في الصف {}."),
        "Remove one of the two rows.": ("Retirez l'une des deux lignes.", "احذف أحد الصفين."),
        "The file's name holds a slash, a backslash or a control character, or is longer than {} characters.": (
            "Le nom du fichier contient une barre oblique ou un caractère de commande, ou dépasse {} caractères.",
            "في اسم الملف شرطة مائلة أو حرف تحكم، أو هو أطول من {} حرف.",
        ),
        "Rename the file, such as cohort.csv, and upload it again.": (
            "Renommez le fichier, par exemple cohorte.csv, et déposez-le à nouveau.",
            "غيّر اسم الملف، مثل cohort.csv، وارفعه من جديد.",
        ),
        "The file is empty.": ("Le fichier est vide.", "الملف فارغ."),
        "Upload a table whose first row is: {}.": (
            "Déposez un tableau dont la première ligne est : {}.",
            "ارفع جدولًا صفه الأول: {}.",
        ),
        "The file is larger than {} bytes.": ("Le fichier dépasse {} octets.", "الملف أكبر من {} بايت."),
        "The file has more than {} rows.": ("Le fichier a plus de {} lignes.", "في الملف أكثر من {} صف."),
        "Split it into several batches.": ("Divisez-le en plusieurs lots.", "قسّمه إلى عدة دفعات."),
        "There is no row below the header.": (
            "Il n'y a aucune ligne sous l'en-tête.",
            "لا يوجد صف تحت صف العناوين.",
        ),
        "Add one row for each graduate.": (
            "Ajoutez une ligne pour chaque personne.",
            "أضف صفًا لكل خريج.",
        ),
        "The file is a workbook or an archive, not CSV.": (
            "Le fichier est un classeur ou une archive, pas du CSV.",
            "الملف مصنف أو أرشيف وليس CSV.",
        ),
        "Open it in your spreadsheet program and save the sheet as CSV UTF-8; upload that.": (
            "Ouvrez-le dans votre tableur et enregistrez la feuille en CSV UTF-8 ; déposez celui-ci.",
            "افتحه في برنامج الجداول واحفظ الورقة بصيغة CSV UTF-8 ثم ارفعها.",
        ),
        "The file is not text in an encoding we know.": (
            "Le fichier n'est pas du texte dans un codage connu.",
            "الملف ليس نصًا بترميز معروف.",
        ),
        "Save it as CSV UTF-8 and upload it again.": (
            "Enregistrez-le en CSV UTF-8 et déposez-le à nouveau.",
            "احفظه بصيغة CSV UTF-8 وارفعه من جديد.",
        ),
        "The row cannot be split into cells ({}).": (
            "La ligne ne peut pas être divisée en cellules ({}).",
            "لا يمكن تقسيم الصف إلى خلايا ({}).",
        ),
        'Check that every quotation mark is closed, double those inside a cell (""), and remove what is no graduate.': (
            'Vérifiez que chaque guillemet est fermé, doublez ceux qui sont dans une cellule (""), et retirez ce qui n\'est pas une personne.',
            'تأكد من إغلاق كل علامة اقتباس، وضاعف ما في داخل الخلية ("")، واحذف ما ليس خريجًا.',
        ),
        "This column is not known.": ("Cette colonne n'est pas connue.", "هذا العمود غير معروف."),
        'Call it "{}"?': ("Est-ce « {} » ?", "هل هو «{}»؟"),
        "Remove it. Known columns: {}.": (
            "Retirez-la. Colonnes connues : {}.",
            "احذفه. الأعمدة المعروفة: {}.",
        ),
        "This column appears more than once.": (
            "Cette colonne apparaît plus d'une fois.",
            "يظهر هذا العمود أكثر من مرة.",
        ),
        "Keep one of them.": ("Gardez-en une.", "احتفظ بواحد منها."),
        "This column is missing.": ("Cette colonne manque.", "هذا العمود مفقود."),
        "Add it; its cells may be empty where that is allowed.": (
            "Ajoutez-la ; ses cellules peuvent être vides là où c'est permis.",
            "أضفه؛ يمكن أن تكون خلاياه فارغة حيث يُسمح بذلك.",
        ),
    }
)


def in_words(complaint: Complaint, language: str) -> tuple[str, str]:
    """Return problem and remedy in this language."""
    return said(complaint.problem, language), said(complaint.remedy, language)
