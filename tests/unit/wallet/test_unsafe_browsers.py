import pytest

from wallet.entry.unsafe_browsers import Elsewhere, Phone, Why, phone_of, why_unsafe

KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

HERS = [
    f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/126.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 5.1; TECNO W3) {KIT} Chrome/95.0.4638.74 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 8.1.0; itel A32F) {KIT} Chrome/83.0.4103.106 Mobile Safari/537.36",
    f"Mozilla/5.0 (X11; Linux x86_64) {KIT} Chrome/126.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/126.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    f"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A135F) {KIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/124.0.0.0 Mobile Safari/537.36 OPR/82.0.0.0",
    f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Chrome/125.0.0.0 Mobile Safari/537.36 EdgA/125.0.0.0",
    f"Mozilla/5.0 (Linux; U; Android 11; en-us; Redmi 9A) {KIT} Version/12.0 Chrome/100.0.4896.127 Mobile Safari/537.36 XiaoMi/MiuiBrowser/13.9.1-gn",
    "Mozilla/5.0 (Android 13; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Mobile; Nokia 2780 Flip; rv:84.0) Gecko/84.0 Firefox/84.0 KAIOS/3.1",
    f"{IOS} Version/17.5 Mobile/15E148 Safari/604.1",
    f"{IOS} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1",
    f"{IOS} FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
    f"{IOS} Mobile/15E148",  # her own home-screen app, or a page inside another app: only the phone can tell
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "WhatsApp/2.23.20.0",  # it looks at a link to show a preview
    "WhatsApp/2.2336.9 N",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "TelegramBot (like TwitterBot)",
    "curl/8.5.0",
    "",
]  # fmt: skip

IN_APPS = [
    f"Mozilla/5.0 (Linux; Android 12; SM-A127F Build/SP1A.210812.016; wv) {KIT} Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/468.1.0.56.78;]",
    f"Mozilla/5.0 (Linux; Android 11; TECNO KE5 Build/RP1A.200720.011; wv) {KIT} Version/4.0 Chrome/108.0.5359.128 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 4.4.2; GT-I9060I Build/KOT49H) {KIT} Version/4.0 Chrome/30.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 13; SM-A047F Build/TP1A.220624.014; wv) {KIT} Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36 Instagram 334.0.0.42.95 Android (33/13; 300dpi; 720x1465; samsung; SM-A047F; a04s; exynos850; en_GB; 604247854)",
    f"Mozilla/5.0 (Linux; Android 10; Infinix X650 Build/QP1A.190711.020; wv) {KIT} Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 trill_320403 JsSdk/1.0 NetType/4G Channel/googleplay AppName/musical_ly app_version/32.4.3 ByteLocale/en BytedanceWebview/d8a21c6",
    f"Mozilla/5.0 (Linux; Android 12; M2006C3LG Build/SP1A.210812.016; wv) {KIT} Version/4.0 Chrome/124.0.6367.179 Mobile Safari/537.36 Line/14.7.2/IAB",
    f"Mozilla/5.0 (Linux; Android 11; RMX3231 Build/RP1A.201005.001; wv) {KIT} Version/4.0 Chrome/111.0.5563.116 Mobile Safari/537.36 XWEB/1110005 MMWEBSDK/20230805 MMWEBID/1234 MicroMessenger/8.0.42.2460(0x28002A58) WeChat/arm64 Weixin NetType/WIFI Language/en ABI/arm64",
    f"Mozilla/5.0 (Linux; Android 9; itel W6004 Build/PPR1.180610.011; wv) {KIT} Version/4.0 Chrome/108.0.5359.128 Mobile Safari/537.36 PHX/10.8",
    f"Mozilla/5.0 (Linux; Android 13; K) {KIT} Chrome/124.0.0.0 Mobile Safari/537.36 Telegram-Android/11.3.3 (Tecno CK6; Android 13; SDK 33; LOW)",
    f"{IOS} Mobile/15E148 [FBAN/FBIOS;FBAV/467.0.0.42.106;FBBV/608243391;FBDV/iPhone12,1;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/2;FBID/phone;FBLC/en_US;FBOP/5]",
    f"{IOS} Mobile/15E148 Instagram 333.0.3.29.103 (iPhone12,1; iOS 17_5_1; en_US; en; scale=2.00; 828x1792; 603953439)",
    f"{IOS} Mobile/21F90 musical_ly_34.9.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/KE BytedanceWebview/d8a21c6",
    f"{IOS} Mobile/15E148 Safari Line/14.9.0",
    f"{IOS} GSA/320.0.643220839 Mobile/15E148 Safari/604.1",
    f"{IOS} Mobile/15E148 WhatsApp/24.11.85",
    f"{IOS} Mobile/21F90 Twitter for iPhone/10.44",
    f"{IOS} Mobile/15E148 [LinkedInApp]/9.29.4917",
    f"{IOS} Mobile/15E148 Snapchat/12.93.0.42 (like Safari/8618.2.12.10.9, panda)",
]  # fmt: skip

PROXIES = [
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/191.283; U; en) Presto/2.12.423 Version/12.16",
    f"Mozilla/5.0 (Linux; U; Android 10; TECNO BB2 Build/QP1A.190711.020; wv) {KIT} Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 Opera Mini/80.0.2254.71399",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) OPiOS/16.0.15.124050 Mobile/15E148 Safari/9537.53",
    "UCWEB/2.0 (MIDP-2.0; U; Adr 9; en-US; itel_A33) U2/1.0.0 UCBrowser/10.9.8.1006 U2/1.0.0 Mobile",
    "Mozilla/5.0 (Linux; U; Android 8.1.0; en-US; TECNO_F1 Build/O11019) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/57.0.2987.108 UCBrowser/12.9.3.1144 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; itel A16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/57.0.2987.108 UCMini/12.12.3.1219 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; U; Linux x86_64; en-GB) AppleWebKit/534.35 (KHTML, like Gecko) Chrome/11.0.696.65 Safari/534.35 Puffin/9.7.2.51367AP",
    "Mozilla/5.0 (Series40; NokiaX2-02/11.79; Profile/MIDP-2.1 Configuration/CLDC-1.1) Gecko/20100401 S40OviBrowser/2.0.2.68.14",
    "Mozilla/5.0 (Linux; Android 4.2.1; en-us; Nexus 5 Build/JOP40D) AppleWebKit/535.19 (KHTML, like Gecko; googleweblight) Chrome/38.0.1025.166 Mobile Safari/535.19",
]  # fmt: skip


@pytest.mark.parametrize("agent", HERS)
def test_a_browser_of_her_own_is_let_in(agent: str) -> None:
    edges = {"via": "1.1 Caddy, 2 google", "x-forwarded-for": "41.90.1.2", "x-forwarded-proto": "https"}
    assert why_unsafe(agent, {}) is None
    assert why_unsafe(agent, edges) is None


@pytest.mark.parametrize("agent", IN_APPS)
def test_a_page_inside_another_app_is_known(agent: str) -> None:
    assert why_unsafe(agent, {}) is Why.IN_APP


@pytest.mark.parametrize("agent", PROXIES)
def test_a_browser_whose_maker_reads_along_is_known(agent: str) -> None:
    assert why_unsafe(agent, {}) is Why.PROXY


@pytest.mark.parametrize(
    "headers",
    [
        {"x-operamini-phone-ua": "TECNO"},
        {"x-operamini-features": "advanced, file_system"},
        {"x-ucbrowser-device-ua": "itel"},
        {"x-puffin-ua": "Android/Tecno"},
        {"chrome-proxy": "sid=1"},
        {"via": "1.1 Chrome-Compression-Proxy"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_proxy_gives_itself_away_by_what_it_adds(headers: dict[str, str]) -> None:
    assert why_unsafe(HERS[0], headers) is Why.PROXY


@pytest.mark.parametrize(
    ("agent", "phone"),
    [(HERS[0], Phone.ANDROID), (IN_APPS[9], Phone.IPHONE), (HERS[3], Phone.OTHER)],
    ids=["android", "iphone", "other"],
)
def test_the_way_out_fits_the_phone(agent: str, phone: Phone) -> None:
    assert phone_of(agent) is phone


def test_on_android_chrome_opens_the_same_address_with_its_link() -> None:
    address = "https://wallet.example.org/i?oob=eyJAdHlwZSI6&lang=sw"
    out = Elsewhere(Why.IN_APP, Phone.ANDROID, address)
    assert out.intent == (
        "intent://wallet.example.org/i?oob=eyJAdHlwZSI6&lang=sw"
        "#Intent;scheme=https;action=android.intent.action.VIEW;package=com.android.chrome;end"
    )
    assert Elsewhere(Why.IN_APP, Phone.IPHONE, address).intent is None
